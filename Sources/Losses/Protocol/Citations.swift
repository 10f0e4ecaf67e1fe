/// BibTeX entries that several losses, and reports of them, name.
public enum Citations {
    /// The paper of Sentence-BERT.
    public static let sentenceBERT = """
        @inproceedings{reimers-2019-sentence-bert,
            title = {Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks},
            author = {Reimers, Nils and Gurevych, Iryna},
            booktitle = {Proceedings of the 2019 Conference on Empirical Methods in Natural Language Processing},
            year = {2019},
            publisher = {Association for Computational Linguistics},
            url = {https://arxiv.org/abs/1908.10084}
        }
        """

    /// The entry of a paper on arXiv.
    public static func arXiv(_ key: String, title: String, author: String, year: Int, eprint: String) -> String {
        """
        @misc{\(key),
            title = {\(title)},
            author = {\(author)},
            year = {\(year)},
            eprint = {\(eprint)},
            archivePrefix = {arXiv}
        }
        """
    }
}
