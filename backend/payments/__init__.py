"""Buying credits with money: all that knows Razorpay (`credits.md`)."""
