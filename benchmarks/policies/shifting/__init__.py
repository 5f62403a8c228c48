"""Policies that change the size of a network while a run goes on."""
