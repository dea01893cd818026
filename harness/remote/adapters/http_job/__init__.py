"""Any provider that a spec (`data.catalogue.provider_spec`) describes: request, client, reading, and the adapter."""
