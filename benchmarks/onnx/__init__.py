"""ONNX files: read just far enough to be refused in words, converted by a program in a cage."""
