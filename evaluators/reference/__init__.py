"""The frozen reference set: eight small pictures with captions that never change, and how to make them again.

`reference.json` holds their cosines as the embedded encoder gave them first.
"""
