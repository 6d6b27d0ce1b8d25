"""A loopback Razorpay: the other side of the wire, so that the real client is what is tried.

No real money, no network, nothing of the backend. Only the composition root starts it.
"""
