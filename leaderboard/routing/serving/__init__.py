"""How a table reaches its readers: publication, signature, HTTP, agents, and its derivation again."""
