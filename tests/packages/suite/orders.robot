*** Tasks ***
Count orders
    ${sum}=    Evaluate    100 + 250
    Log    the sum is ${sum}
    Should Be Equal As Integers    ${sum}    350

Compare with the broker
    Log    the broker says 340    WARN
    Should Be Equal As Integers    350    340    the sums differ
