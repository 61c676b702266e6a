"""The questionnaire: what a checklist asks of a submission, and the answers to it, as YAML and as a workbook."""
