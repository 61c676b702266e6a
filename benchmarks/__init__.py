"""What is measured of the whole: proofs, speed, and peers beside it; no part of the package."""
