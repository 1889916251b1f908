"""Logical pins of the TinyPICO. Its DotStar has clock 12, data 2 and power 13."""

# analog RGB, PWM
redgb = 25
rgreenb = 26
rgbue = 27

# warm and cold white, PWM
wwhite = 15
cwhite = 14

# WS2812 data
neop = 23

# servos
servo_1 = 14
servo_2 = 4

# switches
switch_1 = 18
switch_2 = 19

# dimmer, PWM
dim_1 = 4

# DC motors: speed by PWM, direction
l298speed = 5
l298dir_1 = 18
l298dir_2 = 19
l9110dir_1 = 18
l9110dir_2 = 19

# buzzer, PWM
buzzer = 18

# I2C
i2c_sda = 21
i2c_scl = 22

# event inputs
irq1 = 5
irq2 = 18
irq3 = 19
irq4 = 23

# touch
touch_0 = 32

# ultrasonic ranger
hcsrtrig = 25
hcsrecho = 26

# DHT11, DHT22
dhtpin = 32

# analog inputs: MQ135, TEMT6000, pH probe, generic
co2 = 33
temp6000 = 32
ph = 32
genadc = 33

# DS18B20
ds18 = 19

# battery: voltage, charger state
bat_volt = 35
bat_stat = 34
