"""What every floor stands on: the vocabulary, journals, media, the store, suites, the catalogue, embedded models.

    vocabulary, errors            the words that travel through the house; what a user can fix
    files, home, media            whole files on the disk, the observatory directory, generated files by their hash
    serialization, journal, record_journals   canonical JSON and digests; append-only journals; folders of them
    runs, commit                  one run's folder, and the COMMIT.json that seals it
    pricing                       what a request costs by a declared price: at most, and by what came
    measurements                  measured latency, memory and energy
    formats/                      TOML, CSV and JSON files that people write
    suites/, catalogue/, architectures/       prompts; models, machines and prices; what networks are made of
    flops/                        FLOPs and memory of any architecture at any shape
    history/, lifecycle/          external ratings; states of models and marks of drift
    store/                        the warehouse, its snapshots, the control database
    embedded/                     tiny real models that need no network and no GPU

Belongs here: what more than one of the packages above reads or writes. Does not: anything that generates, scores or
ranks. Nothing here imports the other packages.
"""
