"""How many texts of STS benchmark the library `tokenizers` tokenizes in a second of one thread's processor time, best of five.

    TOKENIZERS_PARALLELISM=false python Tests/Reference/tokenizer_time.py FOLDER-OF-TOKENIZER FOLDER-OF-CSV
"""
import csv
import os
import pathlib
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import Tokenizer  # noqa: E402


def main():
    folder, data = map(pathlib.Path, sys.argv[1:3])
    if (folder / "tokenizer.json").exists():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        from transformers import AutoTokenizer
        tokenizer = AutoTokenizer.from_pretrained(folder).backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    texts = []
    for split in ("train", "dev", "test"):
        with open(data / f"stsb-en-{split}.csv", encoding="utf-8", newline="") as file:
            texts += [text for row in csv.reader(file) for text in row[:2]]
    times = []
    for _ in range(5):
        start = time.process_time()
        tokenizer.encode_batch_fast(texts)
        times.append(time.process_time() - start)
    print(f"{len(texts) / min(times):.0f} texts/s")


if __name__ == "__main__":
    main()
