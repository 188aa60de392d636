def box_for(total):
    return "large" if total > 4 else "small"
