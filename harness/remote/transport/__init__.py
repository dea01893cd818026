"""How requests leave this machine safely, whoever the provider is.

    environment    what a generator takes from its surroundings: timer, variables, resolver, certificates
    connection     a connection with one time limit, a byte limit and a say in which addresses it reaches
    ssrf           which hosts a URL out of a reply may lead to
    download       fetching a picture from such a URL
    quiet_logs     keeps the HTTP libraries from logging headers and signed URLs

What does not belong here: anything that knows a provider or money.
"""
