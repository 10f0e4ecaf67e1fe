extension BuiltInTopic {
    static let finance = BuiltInTopic(
        name: "finance",
        agents: [
            ["banker", "bank clerk"],
            ["investor", "shareholder"],
            ["accountant", "bookkeeper"],
            ["+tax inspectors", "+revenue officers"],
            ["entrepreneur", "business owner"],
        ],
        actions: [
            ["approved/approving", "agreed to/agreeing to"],
            ["rejected/rejecting", "turned down/turning down"],
            ["checked/checking", "verified/verifying"],
            ["calculated/calculating", "worked out/working out"],
            ["postponed/postponing", "delayed/delaying"],
        ],
        objects: [
            ["loan", "line of credit"],
            ["budget", "spending plan"],
            ["tax return", "tax declaration"],
            ["dividend", "profit payout", "share of the earnings"],
            ["invoice", "bill"],
        ],
        places: [
            ["at the bank", "in the branch office"],
            ["in the boardroom", "at the board meeting"],
            ["at headquarters", "in the main office"],
            ["over the phone", "by telephone"],
        ])
}
