"""What a job's report of a period says, as numbers; its pages are drawn elsewhere."""
