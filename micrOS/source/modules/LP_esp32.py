"""Logical pins of the generic ESP32 board. GPIO 34..39 are inputs without pulls."""

# progress LED
builtin = 2

# analog RGB, PWM
redgb = 14
rgreenb = 12
rgbue = 15

# warm and cold white, PWM
wwhite = 27
cwhite = 26

# WS2812 data
neop = 15

# servos
servo_1 = 27
servo_2 = 12

# switches
switch_1 = 26
switch_2 = 14
switch_3 = 27
switch_4 = 25

# dimmer, PWM
dim_1 = 33

# DC motors: speed by PWM, direction
l298speed = 32
l298dir_1 = 33
l298dir_2 = 25
l9110dir_1 = 33
l9110dir_2 = 25

# buzzer, PWM
buzzer = 33

# stepper coils
stppr_1 = 33
stppr_2 = 25
stppr_3 = 26
stppr_4 = 27

# I2C
i2c_sda = 21
i2c_scl = 22

# event inputs
irq1 = 4
irq2 = 18
irq3 = 5
irq4 = 13

# touch
touch_0 = 13

# ultrasonic ranger
hcsrtrig = 32
hcsrecho = 35

# DHT11, DHT22
dhtpin = 32

# analog inputs: MQ135, TEMT6000, pH probe, generic
co2 = 35
temp6000 = 36
ph = 39

# DS18B20
ds18 = 19
