"""Keys, certificates and signatures: who signs, and with what."""
