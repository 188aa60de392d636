def label(order_id):
    return f"to {order_id}"
