"""Risk screening: questions of fact, decision logic as data, and the record of what follows from the answers."""
