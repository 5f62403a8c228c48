"""The model beside what others measured: `python -m devices.virtual validate`."""
