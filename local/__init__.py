"""The whole stack on one machine: what `make run` starts and what the end-to-end tests drive.

Nothing here is packaged for Lambda, and nothing in `chalicelib` knows about it. Where the emulator falls short of
AWS, the gap is closed here (`gaps`), never in the product.
"""
