extension BuiltInTopic {
    static let computing = BuiltInTopic(
        name: "computing",
        agents: [
            ["programmer", "developer"],
            ["system administrator", "network manager"],
            ["tester", "quality engineer"],
            ["hacker", "cyber burglar"],
            ["+data scientists", "+analysts"],
        ],
        actions: [
            ["repaired/repairing", "fixed/fixing"],
            ["tested/testing", "tried out/trying out"],
            ["copied/copying", "duplicated/duplicating"],
            ["deleted/deleting", "erased/erasing"],
            ["upgraded/upgrading", "modernized/modernizing"],
        ],
        objects: [
            ["database", "data store"],
            ["website", "home page"],
            ["mail server", "message system"],
            ["mobile app", "phone application", "smartphone program"],
            ["search engine", "lookup service"],
        ],
        places: [
            ["in the data center", "in the server room"],
            ["at the coffee shop", "in the cafe"],
            ["on campus", "at the university"],
            ["on the laptop", "on a portable computer"],
        ])
}
