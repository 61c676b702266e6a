"""The register: events in a chain that only grows, the files they speak of, and an index to search by."""
