"""From application to certificate: who may do what, when, and how anyone can check it years later."""
