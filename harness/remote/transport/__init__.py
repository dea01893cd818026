"""How requests leave this machine safely: addresses, connections, downloads, headers of images, clocks."""
