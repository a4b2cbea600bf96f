"""Generators and discriminators: `plan` says what they are made of, `registry` builds them."""
