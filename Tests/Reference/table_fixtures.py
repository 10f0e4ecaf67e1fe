"""Writes Tests/Fixtures/tables: files of pyarrow, DuckDB and sqlite3, and their rows as these read them back.

Needs pyarrow 26.0.1, datasets 5.2.0 and duckdb 2.0.1. Run: python Tests/Reference/table_fixtures.py
"""

import base64
import datetime
import decimal
import gzip
import json
import math
import random
import shutil
import sqlite3
from pathlib import Path

import duckdb
import numpy
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset

FOLDER = Path(__file__).parent.parent / "Fixtures" / "tables"
WORDS = "rain falls on the town a cook bakes bread every morning é 東京 🧵 and nobody sees it".split()
EXPECTED = {}


def sentence(generator, least=0):
    return " ".join(generator.choice(WORDS) for _ in range(generator.randint(least, 9)))


def maybe(generator, value, share=0.25):
    return None if generator.random() < share else value


def columns(count, seed):
    """Columns of many types, with nulls where the name says so."""
    generator = random.Random(seed)
    numbers = [generator.randint(-10**6, 10**6) for _ in range(count)]
    words = ["new", "old", "", "é"]

    def texts(size):
        return [sentence(generator) for _ in range(size)]

    start = datetime.datetime(1999, 12, 31, 23, 59, 58)
    return {
        "text": pa.array(texts(count)),
        "text_null": pa.array([maybe(generator, sentence(generator)) for _ in range(count)]),
        "word": pa.array([generator.choice(words) for _ in range(count)]),
        "int64": pa.array(numbers, pa.int64()),
        "int64_null": pa.array([maybe(generator, n * 10**9) for n in numbers], pa.int64()),
        "int32": pa.array([n // 3 for n in numbers], pa.int32()),
        "uint8": pa.array([n % 256 for n in numbers], pa.uint8()),
        "uint32": pa.array([n % 2**32 for n in numbers], pa.uint32()),
        "uint64": pa.array([2**63 + n for n in numbers], pa.uint64()),
        "float": pa.array([n / 7 for n in numbers], pa.float32()),
        "double_null": pa.array([maybe(generator, n / 7) for n in numbers], pa.float64()),
        "half": pa.array(numpy.array([n / 2048 for n in numbers], numpy.float16)),
        "flag": pa.array([n % 2 == 0 for n in numbers]),
        "flag_null": pa.array([maybe(generator, n % 3 == 0) for n in numbers]),
        "day": pa.array([datetime.date(1970, 1, 1) + datetime.timedelta(days=n // 30) for n in numbers]),
        "moment": pa.array([start + datetime.timedelta(seconds=n, microseconds=n % 7 * 1001) for n in numbers], pa.timestamp("us")),
        "price": pa.array([decimal.Decimal(n).scaleb(-3) for n in numbers], pa.decimal128(12, 3)),
        "bytes": pa.array([sentence(generator).encode() for _ in range(count)], pa.binary()),
        "digest": pa.array([generator.randbytes(3) for _ in range(count)], pa.binary(3)),
        "words": pa.array([maybe(generator, texts(generator.randint(0, 3))) for _ in range(count)], pa.list_(pa.string())),
        "words_null": pa.array([[maybe(generator, "x") for _ in range(generator.randint(0, 3))] for _ in range(count)], pa.list_(pa.string())),
        "vector": pa.array([[n / 4, n / 8] for n in numbers], pa.list_(pa.float32())),
        "matrix": pa.array([[[n, 1], [2, n]] for n in numbers], pa.list_(pa.list_(pa.int64()))),
        "ragged": pa.array(
            [maybe(generator, [maybe(generator, list(range(generator.randint(0, 3)))) for _ in range(generator.randint(0, 3))])
             for _ in range(count)], pa.list_(pa.list_(pa.int32()))),
        "object": pa.array(
            [maybe(generator, {"a": maybe(generator, n), "b": sentence(generator)}) for n in numbers],
            pa.struct([("a", pa.int64()), ("b", pa.string())])),
        "objects": pa.array(
            [[{"q": str(n), "v": [n] * (n % 3)} for _ in range(n % 3)] for n in numbers],
            pa.list_(pa.struct([("q", pa.string()), ("v", pa.list_(pa.int64()))]))),
        "nothing": pa.nulls(count),
    }


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (float, numpy.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def expect(name, table, rows=None):
    """Writes the rows of a table once for all files that hold them."""
    rows = plain(table.to_pylist() if rows is None else rows)
    (FOLDER / f"{name}.rows").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def parquet(name, expected, table, **options):
    path = FOLDER / f"{name}.parquet"
    pq.write_table(table, path, **options)
    assert pq.read_table(path).num_rows == table.num_rows
    EXPECTED[path.name] = expected


def arrow(name, expected, table, stream=False, batch=20, **options):
    path = FOLDER / f"{name}.arrow"
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(path, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=batch)
    EXPECTED[path.name] = expected


def parquet_files():
    everything = pa.table(columns(60, seed=1))
    expect("everything", everything)
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        for version in ["1.0", "2.0"]:
            parquet(f"{codec}-v{version[0]}", "everything", everything, compression=codec, data_page_version=version)
    parquet("groups", "everything", everything, row_group_size=17)
    parquet("pages", "everything", everything, data_page_size=64, write_batch_size=4, dictionary_pagesize_limit=128)
    parquet("checksums", "everything", everything, write_page_checksum=True)
    few = everything.select(["text", "text_null", "int64", "int64_null", "int32", "float", "double_null", "flag_null", "digest", "words"])
    expect("few", few)
    texts = ["text", "text_null", "words.list.element"]
    for name, encodings in {
        "delta-length": {column: "DELTA_LENGTH_BYTE_ARRAY" for column in texts},
        "delta-bytes": {column: "DELTA_BYTE_ARRAY" for column in texts + ["digest"]},
        "delta-packed": {column: "DELTA_BINARY_PACKED" for column in ["int64", "int64_null", "int32"]},
        "streams": {column: "BYTE_STREAM_SPLIT" for column in ["float", "double_null", "int64", "int32", "digest"]},
        "plain": {column: "PLAIN" for column in ["text", "int64"]},
        "bits": {"flag_null": "RLE"},
    }.items():
        for version in ["1.0", "2.0"]:
            parquet(
                f"{name}-v{version[0]}", "few", few, use_dictionary=False, column_encoding=encodings, data_page_version=version,
                compression="none" if version == "1.0" else "zstd")
    legacy = everything.select(["moment", "words"])
    expect("legacy", legacy)
    parquet("legacy", "legacy", legacy, use_deprecated_int96_timestamps=True, use_compliant_nested_type=False)
    required = pa.table(
        {"text": everything["text"], "int64": everything["int64"]},
        pa.schema([pa.field("text", pa.string(), nullable=False), pa.field("int64", pa.int64(), nullable=False)]))
    expect("required", required)
    parquet("required", "required", required)
    empty = required.slice(0, 0)
    expect("empty", empty)
    parquet("empty", "empty", empty)
    connection = duckdb.connect()
    connection.register("source", few)
    rows = connection.execute("SELECT * FROM source").to_arrow_table()
    expect("duckdb", rows)
    for name, options in {"duckdb-v1": "CODEC snappy", "duckdb-v2": "CODEC zstd, PARQUET_VERSION v2"}.items():
        path = FOLDER / f"{name}.parquet"
        connection.execute(f"COPY (SELECT * FROM source) TO '{path}' (FORMAT parquet, {options})")
        EXPECTED[path.name] = "duckdb"


def arrow_files():
    everything = pa.table(columns(60, seed=1))
    arrow("file", "everything", everything)
    arrow("stream", "everything", everything, stream=True)
    arrow("file-lz4", "everything", everything, compression="lz4")
    arrow("stream-zstd", "everything", everything, stream=True, compression="zstd")
    text = everything["text"].combine_chunks()
    more = pa.table({
        "large": text.cast(pa.large_string()), "view": text.cast(pa.string_view()),
        "binary_view": text.cast(pa.binary()).cast(pa.binary_view()), "large_binary": text.cast(pa.large_binary()),
        "words": everything["words"].combine_chunks().cast(pa.large_list(pa.string())),
        "pair": pa.array([[i, i / 2] for i in range(60)], pa.list_(pa.float64(), 2)),
        "choice": everything["text_null"].combine_chunks().dictionary_encode(),
        "small": pa.array([i % 5 - 2 for i in range(60)], pa.int8()), "short": pa.array(range(60), pa.uint16()),
        "wide": pa.array([decimal.Decimal(-(10**40) + i) for i in range(60)], pa.decimal256(50, 0)).cast(pa.decimal256(50, 0)),
        "time": pa.array([datetime.time(i % 24, i, 1) for i in range(60)], pa.time64("us")),
        "list_view": pa.array([list(range(i % 4)) for i in range(60)], pa.list_view(pa.int64())),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([10, 35, 60], pa.int32()), pa.array(["a", None, "c"])),
    })
    rows = more.to_pylist()
    expect("more", more, rows)
    arrow("more", "more", more)
    arrow("more-lz4", "more", more, stream=True, compression="lz4")


def other_files():
    rows = [{"anchor": sentence(random.Random(i)), "positive": f"p, \"{i}\"\n" if i % 3 == 0 else f"p{i}", "score": i / 4} for i in range(20)]
    expect("pairs", None, rows)
    (FOLDER / "pairs.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    (FOLDER / "nested.json").write_text(json.dumps({"version": 1, "tags": ["a"], "data": rows}, ensure_ascii=False), encoding="utf-8")
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (FOLDER / "pairs.jsonl").write_text(lines)
    (FOLDER / "pairs.jsonl.gz").write_bytes(gzip.compress(lines[:300].encode(), mtime=0) + gzip.compress(lines[300:].encode(), mtime=0))
    (FOLDER / "pairs.jsonl.zst").write_bytes(pa.compress(lines.encode(), "zstd", asbytes=True))
    for name in ["pairs.json", "nested.json", "pairs.jsonl", "pairs.jsonl.gz", "pairs.jsonl.zst"]:
        EXPECTED[name] = "pairs"
    path = FOLDER / "pairs.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE pairs (anchor TEXT, positive TEXT, score REAL)")
        connection.executemany("INSERT INTO pairs VALUES (:anchor, :positive, :score)", rows)
    connection.close()
    EXPECTED[path.name] = "pairs"


def orders():
    """Orders of rows as the `datasets` library draws them."""
    cases = []
    for count, seed in [(1, 0), (2, 1), (7, 42), (100, 0), (100, 12345), (1000, 2**40 + 1), (70000, 3)]:
        dataset = Dataset.from_dict({"i": list(range(count))})
        case = {"count": count, "seed": seed, "shuffle": dataset.shuffle(seed=seed)["i"][:50]}
        if count > 2:
            parts = dataset.train_test_split(test_size=0.3, seed=seed)
            case |= {"train": parts["train"]["i"][:50], "test": parts["test"]["i"][:50], "testCount": len(parts["test"])}
        cases.append(case)
    (FOLDER / "orders.rows").write_text(json.dumps(cases))


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    parquet_files()
    arrow_files()
    other_files()
    orders()
    (FOLDER / "files.rows").write_text(json.dumps(EXPECTED, indent=0))
    for path in FOLDER.iterdir():
        assert path.stat().st_size < 50_000, path
