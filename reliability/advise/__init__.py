"""What would mend a finding: remedies tried on rows that did not choose them, and measured by the checks themselves."""
