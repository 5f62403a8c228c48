"""Policies that choose how much of a network runs on the phone, and how much in the cloud."""
