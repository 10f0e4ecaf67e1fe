/// Named texts beside a progress bar, in the order they were given: `["loss": "0.1234", "lr": "2.0e-05"]`.
public typealias ProgressFields = KeyValuePairs<String, String>
