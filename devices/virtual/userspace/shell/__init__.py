"""The phone's shell: mksh semantics over a virtual phone, written against the real mksh."""
