"""The accuracy campaign: random junctions over the whole domain, true errors against estimates."""
