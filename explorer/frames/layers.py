"""The two sizes of a layer, their symbols, and the columns that hold them."""

COLUMN_OF = {"n": "input_dim", "V": "num_classes"}
SYMBOL_OF = {column: symbol for symbol, column in COLUMN_OF.items()}
