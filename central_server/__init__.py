"""The meeting point: it receives what desks have sealed, keeps it, and tells people what is known of each desk."""
