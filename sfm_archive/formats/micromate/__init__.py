"""What is known of a Micromate's (Series IV) files: their names and signature. Their bodies are not decoded."""
