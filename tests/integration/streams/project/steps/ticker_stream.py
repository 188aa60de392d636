config = {"name": "ticker", "schema": {"type": "object"}, "maxItems": 3, "ttl": "1s"}


def can_access(subscription):
    return subscription.group_id != "secret"
