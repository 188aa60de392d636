"""What the management API takes and answers, as OpenAPI: a table of operations for each area of it."""
