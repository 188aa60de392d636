"""A project as the world outside sees it: OpenAPI, AsyncAPI, a typed client. Pure: from a Project to values."""
