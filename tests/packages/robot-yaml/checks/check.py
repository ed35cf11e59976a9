import greeter

with open("prepared", "w", encoding="utf-8") as file:
    file.write(greeter.greet_the_world() + "\n")
