"""Events on their way to a warehouse: as Parquet files, one for each day, and to ClickHouse as they
come. Both hold the same columns (columns.py), so the same questions get the same answers.
"""
