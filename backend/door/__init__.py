"""What every request passes before a route sees it; plain ASGI, so streams stay streams."""
