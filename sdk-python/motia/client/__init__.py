"""`from motia.client import StreamClient`: what happens in streams, as it happens.

Needs `pip install "motia[client]"`.
"""

from motia.client.client import StreamClient
from motia.client.subscription import Change, GroupSubscription, ItemSubscription, Member
from motia.client.wire import StreamError

__all__ = ["Change", "GroupSubscription", "ItemSubscription", "Member", "StreamClient", "StreamError"]
