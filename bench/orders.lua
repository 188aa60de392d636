wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"customer":"Ada Lovelace","email":"ada@example.com","lines":[{"sku":"ABC-1","quantity":2},{"sku":"XYZ-77","quantity":1}],"note":null}'
