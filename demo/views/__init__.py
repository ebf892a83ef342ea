"""HTTP and WebSocket: find out who asks, one call, respond."""
