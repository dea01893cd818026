"""What the architectures are: one TOML file a model, facts with their source, and the shapes that each takes.

`shape` is what is made, `architecture` what a file may say, `library` where files are found, `parts/` encoders and
decoders that several models share.
"""
