"""OpenAI's image protocol: request, client, response, and the generator over them."""
