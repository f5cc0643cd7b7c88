"""The default embedder: all-MiniLM-L6-v2 as int8 ONNX, built at set-up from a package's weights."""
