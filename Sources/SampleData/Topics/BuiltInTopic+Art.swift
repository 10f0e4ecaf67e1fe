extension BuiltInTopic {
    static let art = BuiltInTopic(
        name: "art",
        agents: [
            ["painter", "artist"],
            ["sculptor", "stone carver"],
            ["curator", "museum keeper"],
            ["collector", "art lover"],
            ["+heirs", "+descendants"],
        ],
        actions: [
            ["purchased/purchasing", "bought/buying"],
            ["sold/selling", "auctioned off/auctioning off"],
            ["hid/hidden/hiding", "concealed/concealing"],
            ["exhibited/exhibiting", "displayed/displaying"],
            ["imitated/imitating", "copied/copying"],
        ],
        objects: [
            ["portrait", "likeness"],
            ["landscape", "country scene"],
            ["marble statue", "stone figure"],
            ["tapestry", "woven wall hanging"],
            ["vase", "ceramic jar", "porcelain urn"],
        ],
        places: [
            ["in the museum", "at the gallery"],
            ["at the auction", "in the salesroom"],
            ["in the attic", "under the rafters"],
            ["in Paris", "in the French capital"],
        ])
}
