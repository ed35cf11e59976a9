*** Settings ***
Library    greeter

*** Tasks ***
Greet
    ${text}=    Greet The World
    Should Be Equal    ${text}    hello 世界
    Log    ${text}

Fails
    Fail    no price for 600000
