"""What the commands of ``qbval`` do; `validation.cli` declares their options."""
