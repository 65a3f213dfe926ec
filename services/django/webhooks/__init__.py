"""The application: what a worker does with webhooks, and its tables."""
